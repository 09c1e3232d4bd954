"""Diagrams as other tools write them: their namespaces, their extensions, their habits."""

CAMUNDA = b"""<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
  xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"
  xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:modeler="http://camunda.org/schema/modeler/1.0"
  id="Definitions_1" targetNamespace="http://bpmn.io/schema/bpmn" exporter="Camunda Modeler" exporterVersion="5.19.0"
  modeler:executionPlatform="Camunda Platform" modeler:executionPlatformVersion="7.20.0">
 <bpmn:process id="invoice" name="Invoice" isExecutable="true" camunda:historyTimeToLive="180">
  <bpmn:startEvent id="StartEvent_1" camunda:initiator="starter"><bpmn:outgoing>f1</bpmn:outgoing></bpmn:startEvent>
  <bpmn:sequenceFlow id="f1" sourceRef="StartEvent_1" targetRef="approve"/>
  <bpmn:userTask id="approve" name="Approve" camunda:assignee="${approver}" camunda:formKey="embedded:app:approve.html"
    camunda:dueDate="${dateTime().plusDays(3)}">
   <bpmn:extensionElements><camunda:taskListener class="org.example.Listener" event="create"/></bpmn:extensionElements>
   <bpmn:multiInstanceLoopCharacteristics camunda:collection="approvers" camunda:elementVariable="approver">
    <bpmn:completionCondition xsi:type="bpmn:tFormalExpression"
      xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">${nrOfCompletedInstances/nrOfInstances &gt;= 0.6}
    </bpmn:completionCondition>
   </bpmn:multiInstanceLoopCharacteristics>
  </bpmn:userTask>
  <bpmn:sequenceFlow id="f2" sourceRef="approve" targetRef="g"/>
  <bpmn:exclusiveGateway id="g" default="f4"/>
  <bpmn:sequenceFlow id="f3" sourceRef="g" targetRef="pay">
   <bpmn:conditionExpression>${approved}</bpmn:conditionExpression>
  </bpmn:sequenceFlow>
  <bpmn:sequenceFlow id="f4" sourceRef="g" targetRef="EndEvent_1"/>
  <bpmn:serviceTask id="pay" camunda:class="org.example.Pay" camunda:asyncBefore="true"/>
  <bpmn:sequenceFlow id="f5" sourceRef="pay" targetRef="rule"/>
  <bpmn:businessRuleTask id="rule" camunda:decisionRef="tax"/>
  <bpmn:sequenceFlow id="f6" sourceRef="rule" targetRef="call"/>
  <bpmn:callActivity id="call" calledElement="${which}" camunda:calledElementBinding="latest"/>
  <bpmn:sequenceFlow id="f7" sourceRef="call" targetRef="EndEvent_1"/>
  <bpmn:scriptTask id="groovy" scriptFormat="groovy" camunda:resultVariable="x">
   <bpmn:script>def x = 1; execution.setVariable('x', x)</bpmn:script>
  </bpmn:scriptTask>
  <bpmn:endEvent id="EndEvent_1"/>
 </bpmn:process>
 <bpmndi:BPMNDiagram id="d"><bpmndi:BPMNPlane id="p" bpmnElement="invoice">
  <bpmndi:BPMNShape id="s1" bpmnElement="approve"><dc:Bounds x="10" y="10" width="100" height="80"/></bpmndi:BPMNShape>
 </bpmndi:BPMNPlane></bpmndi:BPMNDiagram>
</bpmn:definitions>"""

SIGNAVIO = b"""<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:signavio="http://www.signavio.com"
  xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" exporter="Signavio Process Editor, http://www.signavio.com"
  exporterVersion="16.3.0" expressionLanguage="http://www.w3.org/TR/XPath" id="sid-0b1f-4d5e"
  targetNamespace="http://www.signavio.com" typeLanguage="http://www.w3.org/2001/XMLSchema">
 <collaboration id="sid-2f1a">
  <extensionElements><signavio:signavioDiagramMetaData metaKey="revisionid" metaValue="abc"/></extensionElements>
  <participant id="sid-77aa" name="Customer"/>
  <participant id="sid-88bb" name="Office" processRef="sid-99cc"/>
  <messageFlow id="sid-mf1" sourceRef="sid-77aa" targetRef="sid-88bb"/>
 </collaboration>
 <process id="sid-99cc" isClosed="false" isExecutable="false" name="Office" processType="None">
  <laneSet id="sid-ls"><lane id="sid-l1" name="Clerk"><flowNodeRef>sid-s</flowNodeRef></lane></laneSet>
  <startEvent id="sid-s" name=""><outgoing>sid-f1</outgoing><messageEventDefinition id="sid-med"/></startEvent>
  <task completionQuantity="1" id="sid-t" isForCompensation="false" name="Check&#10;papers" startQuantity="1"/>
  <endEvent id="sid-e"/>
  <sequenceFlow id="sid-f1" sourceRef="sid-s" targetRef="sid-t"/>
  <sequenceFlow id="sid-f2" sourceRef="sid-t" targetRef="sid-e"/>
 </process>
</definitions>"""

BIZAGI = b"""\xef\xbb\xbf<?xml version="1.0" encoding="utf-8"?>
<definitions xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema"
  targetNamespace="http://www.bizagi.com/definitions/_1" exporter="BizAgi Process Modeler" exporterVersion="4.0.0.065"
  xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL">
 <process id="Id_6f" name="Main"><extensionElements><bizagi:BizagiExtensions xmlns:bizagi="http://www.bizagi.com/bpmn20">
   <bizagi:BizagiProperties><bizagi:BizagiProperty name="runtimeProperties" value="{}"/></bizagi:BizagiProperties>
  </bizagi:BizagiExtensions></extensionElements>
  <ioSpecification><inputSet/><outputSet/></ioSpecification>
  <startEvent id="Id_1"/><task id="Id_2" name="A"><incoming>Id_4</incoming></task>
  <intermediateThrowEvent id="Id_l"><linkEventDefinition name="a"/></intermediateThrowEvent>
  <intermediateCatchEvent id="Id_k"><linkEventDefinition name="a"/></intermediateCatchEvent>
  <sequenceFlow id="Id_4" sourceRef="Id_1" targetRef="Id_2"/>
 </process>
 <process id="Id_7f" name="Other" isExecutable="true"><startEvent id="Id_8"/></process>
 <process id="Id_9f" name="Third" isExecutable="true"/>
</definitions>"""

XPDL = b"""<?xml version="1.0"?>
<Package xmlns="http://www.wfmc.org/2009/XPDL2.2" Id="p"><WorkflowProcesses/></Package>"""
