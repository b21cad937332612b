-- Fields that each kind of import takes: one row each; what reads the cells goes by this table.
-- Cells of the type list are read by the import of that list (server/store/import_generators.c), of the type
-- event by outage.take_utility_events.
-- place is the index into import.places; synonyms are headers in small letters and digits only.
create or replace view programme.import_field as
select f.kind, f.place, f.name, f.required, f.type, f.least, f.most, f.choices, f.synonyms, f.wanted
from (values
  ('premises', 1, 'code', true, 'id', 1, 40, null::text[], '{servicepointid,servicepoint,spid,premiseid,premisecode}'::text[], '1 to 40 characters'),
  ('premises', 2, 'address', true, 'text', 1, 200, null, '{serviceaddress,street,streetaddress,address1}', '1 to 200 characters'),
  ('premises', 3, 'city', true, 'text', 1, 100, null, '{town,servicecity}', '1 to 100 characters'),
  ('premises', 4, 'postal_code', true, 'id', 1, 12, null, '{zip,zipcode,postcode,servicezip}', '1 to 12 characters'),
  ('premises', 5, 'longitude', true, 'number', -180, 180, null, '{lon,lng,long,x}', 'degrees from -180 to 180, such as -121.0161'),
  ('premises', 6, 'latitude', true, 'number', -90, 90, null, '{lat,y}', 'degrees from -90 to 90, such as 39.2616'),
  ('premises', 7, 'meter_number', false, 'id', 1, 40, null, '{meter,meterid,meterno,badge,badgenumber}', '1 to 40 characters'),
  ('premises', 8, 'meter_form', false, 'form', 1, 8, null, '{form}', 'a meter form, such as 2S'),
  ('premises', 9, 'service_amps', false, 'integer', 1, 4000, null, '{amps,mainamps,panelamps}', 'amperes, a whole number from 1 to 4000'),
  ('premises', 10, 'service_voltage', false, 'word', null, null, '{120/240,120/208,277/480,120}', '{voltage}', '120/240, 120/208, 277/480 or 120'),
  ('premises', 11, 'circuit_id', false, 'id', 1, 32, null, '{circuit,feeder,feederid}', '1 to 32 characters'),
  ('premises', 12, 'circuit_from', false, 'date', null, null, null, '{circuitsince}', 'a date as 2024-05-31'),
  ('accounts', 1, 'number', true, 'id', 1, 40, null, '{account,accountnumber,accountid,accountno}', '1 to 40 characters'),
  ('accounts', 2, 'premise_code', true, 'id', 1, 40, null, '{code,premise,servicepointid,servicepoint,spid,premiseid}', '1 to 40 characters'),
  ('accounts', 3, 'kind', true, 'word', null, null, '{residential,business}', '{class,accountkind,customerclass}', 'residential or business'),
  ('accounts', 4, 'active', false, 'boolean', null, null, null, '{isactive}', 'yes or no'),
  ('accounts', 5, 'customer_name', true, 'text', 1, 200, null, '{name,customer}', '1 to 200 characters'),
  ('accounts', 6, 'email', false, 'email', 3, 254, null, '{mail,emailaddress}', 'an address such as name@example.org'),
  ('accounts', 7, 'phone', false, 'id', 3, 40, null, '{telephone,phonenumber}', '3 to 40 characters'),
  ('accounts', 8, 'medical_baseline', false, 'boolean', null, null, null, '{medicalbaseline,mbl}', 'yes or no'),
  ('accounts', 9, 'moved_out', false, 'date', null, null, null, '{moveout,moveoutdate,enddate}', 'a date as 2024-05-31'),
  ('circuits', 1, 'circuit_id', true, 'id', 1, 32, null, '{circuit,feeder,feederid}', '1 to 32 characters'),
  ('circuits', 2, 'name', true, 'text', 1, 120, null, '{circuitname,feedername}', '1 to 120 characters'),
  ('circuits', 3, 'designation', false, 'code', 2, 40, null, '{list}', '2 to 40 of a-z, 0-9 and -'),
  ('circuits', 4, 'valid_from', false, 'date', null, null, null, '{from,start,effectivefrom}', 'a date as 2024-05-31'),
  ('circuits', 5, 'valid_to', false, 'date', null, null, null, '{to,end,effectiveto}', 'a date as 2024-05-31'),
  ('links', 1, 'premise_code', true, 'id', 1, 40, null, '{code,premise,servicepointid,servicepoint,spid,premiseid}', '1 to 40 characters'),
  ('links', 2, 'circuit_id', true, 'id', 1, 32, null, '{circuit,feeder,feederid}', '1 to 32 characters'),
  ('links', 3, 'valid_from', true, 'date', null, null, null, '{from,start,effectivefrom}', 'a date as 2024-05-31'),
  ('links', 4, 'valid_to', false, 'date', null, null, null, '{to,end,effectiveto}', 'a date as 2024-05-31'),
  ('generators', 1, 'make', true, 'list', null, null, null, '{}', ''),
  ('generators', 2, 'model', true, 'list', null, null, null, '{}', ''),
  ('generators', 3, 'source_type', true, 'list', null, null, null, '{}', ''),
  ('generators', 4, 'fuel', true, 'list', null, null, null, '{}', ''),
  ('generators', 5, 'running_w', true, 'list', null, null, null, '{}', ''),
  ('generators', 6, 'starting_w', true, 'list', null, null, null, '{}', ''),
  ('generators', 7, 'l14_30r', true, 'list', null, null, null, '{}', ''),
  ('generators', 8, 'rated_a_240v', true, 'list', null, null, null, '{}', ''),
  ('generators', 9, 'neutral', true, 'list', null, null, null, '{}', ''),
  ('generators', 10, 'gfci_on_240v', true, 'list', null, null, null, '{}', ''),
  ('generators', 11, 'co_shutoff', true, 'list', null, null, null, '{}', ''),
  ('generators', 12, 'carb', true, 'list', null, null, null, '{}', ''),
  ('generators', 13, 'evidence', true, 'list', null, null, null, '{}', ''),
  ('generators', 14, 'aliases', false, 'list', null, null, null, '{}', ''),
  ('generators', 15, 'receptacles', false, 'list', null, null, null, '{}', ''),
  ('generators', 16, 'volts', false, 'list', null, null, null, '{}', ''),
  ('generators', 17, 'breaker_a', false, 'list', null, null, null, '{}', ''),
  ('generators', 18, 'trips_unbalanced', false, 'list', null, null, null, '{}', ''),
  ('generators', 19, 'field_evidence', false, 'list', null, null, null, '{}', ''),
  ('generators', 20, 'valid_from', false, 'list', null, null, null, '{}', ''),
  ('generators', 21, 'valid_to', false, 'list', null, null, null, '{}', ''),
  ('generators', 22, 'status', false, 'list', null, null, null, '{}', ''),
  ('generators', 23, 'reason', false, 'list', null, null, null, '{}', '')
) f(kind, place, name, required, type, least, most, choices, synonyms, wanted)
union all
-- the columns of roll-ups of shutoffs and fast trips: the regulator's, the utilities' own, and ours
select k.kind, e.place, e.name, e.required, 'event', null, null, null, e.synonyms, ''
from (values ('psps'), ('epss')) k(kind)
cross join (values
  (1, 'utility', true, '{iou,company,utilitycompany,reportingutility}'::text[]),
  (2, 'event', false, '{pspsevent,pspseventid,eventid,eventname,epsseventid,outageid}'),
  (3, 'circuit', true, '{circuitname,circuitid,feeder,feedername,circuitnamepspsreported,line}'),
  (4, 'out_date', true, '{out,outageat,outagestart,outagestartdate,outagestartdatetime,outagestartdateandtime,startdate,starttime,startdatetime,deenergizationstart,deenergizationstartdate,deenergizationdatetime,deenergizationdateandtime,deenergizationdate,earliestoutagestart}'),
  (5, 'out_time', false, '{outagestarttime,deenergizationtime}'),
  (6, 'restored_date', false, '{restored,restoration,fullrestoration,fullrestorationdate,fullrestorationdatetime,fullrestorationdateandtime,restorationdate,restorationdatetime,restorationdateandtime,enddate,enddatetime,endtime,restoredat,outageend,latestoutagerestoration}'),
  (7, 'restored_time', false, '{fullrestorationtime,restorationtime}'),
  (8, 'duration', false, '{outageduration,outagedurationhours,durationhours,hoursout,durationhrs,outagedurationhrs}'),
  (9, 'customers', false, '{totalcustomers,customersimpacted,totalcustomersimpacted,customersaffected,totalcustomersaffected,totalimpactedcustomers}'),
  (10, 'residential', false, '{residentialcustomers}'),
  (11, 'commercial', false, '{commercialcustomers,commercialindustrial,commercialindustrialcustomers}'),
  (12, 'medical', false, '{medicalbaseline,medicalbaselinecustomers,medbaseline,medicalbaselinecust,mbl}'),
  (13, 'other', false, '{othercustomers}'),
  (14, 'tiers', false, '{tier,hftd,hftdtier,hftdtiers,firethreattier,hftdzone}'),
  (15, 'cause', false, '{basiccause,outagecause,supplementalcause}'),
  (16, 'place', false, '{county,counties,city,division,region}')
) e(place, name, required, synonyms);
comment on view programme.import_field is 'Fields of each kind of bulk import.';
grant select on programme.import_field to bptm_http, bptm_import;
