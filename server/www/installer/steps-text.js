// What the customer does, to connect the generator and to disconnect it: English and Spanish, one sheet each.

export const sheets = {
    en: {
        name: 'English', title: 'Running your home on your generator', lead: 'Keep this sheet at your main panel.',
        connect: { title: 'When the power is out: connect', steps: [
            ['Main breaker OFF.', 'At your main panel.'],
            ['Solar OFF.', 'If you have solar or a battery, switch it off at its own breaker.'],
            ['Cord into the meter.', 'Line the plug up with the outlet below your electric meter, push it in, and twist it to the right until it locks.'],
            ['Cord into the generator.', 'Generator still off. Use the round four-prong outlet marked L14-30. The set stands outdoors, 20 feet (6 m) or more from the house, with the exhaust away from doors and windows.'],
            ['Start the generator.', 'Let it run for a minute.'],
            ['Wait for the light GEN. PWR ON.', 'The amber light at the meter says that generator power is there. No light: stop, and call us.'],
            ['Breakers you do not need OFF.', 'Leave on what matters: refrigerator, some lights, medical equipment. Leave off: electric heat, dryer, oven, air conditioning, car charger.'],
            ['Main breaker ON.', 'Then your remaining breakers, one at a time. If the generator labors, switch something off.'],
        ] },
        disconnect: { title: 'When the power is back: disconnect', steps: [
            ['Look at the meter.', 'Once utility power is back and steady, the meter goes back to it by itself after a short delay, and its lights show it.'],
            ['Shut the generator down.', 'Let it cool before you move or fuel it.'],
            ['Unplug the cord.', 'First at the generator, then twist it to the left at the meter and pull it out. Close the cover.'],
            ['All breakers ON.', 'Your solar too.'],
        ] },
        never: { title: 'Never', items: [
            'Never run a generator indoors, in a garage or under a window: its exhaust has carbon monoxide, which kills without smell.',
            'Never plug a generator into a wall outlet.',
            'Never use a damaged cord, or one that is thinner than the cord you were given.',
            'Never open the meter. Do not touch it if it is hot, wet inside or broken: call us.',
        ] },
        help: 'Who to call', emergency: 'Fire, or somebody feels sick near the generator: go outside and call 911.', lines: ['Utility:', 'Installer:', 'Meter serial number:'],
    },
    es: {
        name: 'Español', title: 'Cómo alimentar su casa con su generador', lead: 'Guarde esta hoja junto a su panel principal.',
        connect: { title: 'Cuando no hay luz: conectar', steps: [
            ['Interruptor principal en OFF.', 'En su panel principal.'],
            ['Solar en OFF.', 'Si tiene paneles solares o batería, apáguelos en su propio interruptor.'],
            ['El cable al medidor.', 'Alinee el enchufe con la toma debajo de su medidor eléctrico, empújelo y gírelo a la derecha hasta que quede trabado.'],
            ['El cable al generador.', 'Con el generador todavía apagado. Use la toma redonda de cuatro patas marcada L14-30. El generador va al aire libre, a 20 pies (6 m) o más de la casa, con el escape lejos de puertas y ventanas.'],
            ['Encienda el generador.', 'Déjelo funcionar un minuto.'],
            ['Espere la luz GEN. PWR ON.', 'La luz ámbar del medidor indica que llega corriente del generador. Si no se enciende: deténgase y llámenos.'],
            ['Interruptores que no necesita en OFF.', 'Deje lo importante: refrigerador, algunas luces, equipo médico. Apague: calefacción eléctrica, secadora, horno, aire acondicionado, cargador de auto.'],
            ['Interruptor principal en ON.', 'Después los demás interruptores, uno por uno. Si el generador se esfuerza, apague algo.'],
        ] },
        disconnect: { title: 'Cuando vuelve la luz: desconectar', steps: [
            ['Mire el medidor.', 'Cuando la luz de la calle ha vuelto y es estable, el medidor regresa a ella por sí solo tras una breve espera, y sus luces lo indican.'],
            ['Apague el generador.', 'Deje que se enfríe antes de moverlo o cargar combustible.'],
            ['Desenchufe el cable.', 'Primero en el generador; luego, en el medidor, gírelo a la izquierda y sáquelo. Cierre la tapa.'],
            ['Todos los interruptores en ON.', 'También su sistema solar.'],
        ] },
        never: { title: 'Nunca', items: [
            'Nunca use un generador dentro de la casa, en el garaje o debajo de una ventana: su escape lleva monóxido de carbono, que mata y no huele.',
            'Nunca conecte un generador a un tomacorriente de la pared.',
            'Nunca use un cable dañado, ni uno más delgado que el que le entregaron.',
            'Nunca abra el medidor. No lo toque si está caliente, mojado por dentro o roto: llámenos.',
        ] },
        help: 'A quién llamar', emergency: 'Incendio, o alguien se siente mal cerca del generador: salga al aire libre y llame al 911.', lines: ['Compañía eléctrica:', 'Instalador:', 'Número de serie del medidor:'],
    },
};
